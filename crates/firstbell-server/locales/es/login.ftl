### Páginas de entrada y de salida. Las leen niños de ocho años: palabras cortas, un solo paso.

home-heading = Una sola entrada para tu día de escuela
home-lead = Entra una vez. Luego abre todas tus apps de la escuela.
home-log-in = Entrar

finder-heading = Busca tu escuela
finder-label = Escuela, distrito o ciudad
finder-hint = Escribe una parte del nombre. Por ejemplo: Lincoln
finder-search = Buscar
finder-remembered = Tu última escuela en este equipo
finder-other = O busca otra
finder-results = { $count ->
    [one] Encontramos { $count }. ¿Es la tuya?
   *[other] Encontramos { $count }. ¿Cuál es la tuya?
}
finder-nothing-heading = No encontramos “{ $query }”
finder-nothing-check = ¿Está bien escrito? Prueba con una sola palabra del nombre.
finder-nothing-ask = ¿Todavía no? Pregunta a tu maestra o maestro: “¿Cómo se llama nuestra escuela en Firstbell?”

signin-heading = Entrar
signin-title = Entrar en { $district }
signin-change = ¿No es tu escuela?
signin-username = Usuario
signin-password = Contraseña
signin-submit = Entrar
signin-help = ¿No puedes entrar? Pide ayuda a tu maestra o maestro.
signin-problem-username = Escribe tu usuario.
signin-problem-password = Escribe tu contraseña.
signin-problem-mismatch = Ese usuario y esa contraseña no van juntos. Prueba otra vez.
signin-problem-wait-seconds = { $count ->
    [one] Hagamos una pausa corta. Espera { $count } segundo y prueba otra vez.
   *[other] Hagamos una pausa corta. Espera { $count } segundos y prueba otra vez.
}
signin-problem-wait-minutes = { $count ->
    [one] Hagamos una pausa corta. Espera { $count } minuto y prueba otra vez.
   *[other] Hagamos una pausa corta. Espera { $count } minutos y prueba otra vez.
}

confirm-heading = ¿Eres tú?
confirm-yes = Sí, soy yo
confirm-no = No, no soy yo
confirm-hint = ¿No eres tú? Presiona “No”. Luego entra con tu nombre.

signed-out-heading = Ya saliste
signed-out-lead = Aquí todo listo. ¡Hasta la próxima!
signed-out-apps = ¿Hay una app abierta? Ciérrala también.
signed-out-again = Entrar

busy-heading = Espera un momento
busy-what = Mucha gente está entrando ahora. No es tu culpa.
busy-next-seconds = { $count ->
    [one] Cuenta hasta { $count }. Luego presiona el botón.
   *[other] Cuenta hasta { $count }. Luego presiona el botón.
}
busy-next-minutes = { $count ->
    [one] Espera { $count } minuto. Luego presiona el botón.
   *[other] Espera { $count } minutos. Luego presiona el botón.
}
busy-retry = Probar otra vez
