### Lo que rodea cada página: encabezado, pie y palabras que comparten varias páginas.

product = Firstbell
frame-skip = Ir a la página
frame-promise = Una sola entrada para la escuela. Sin anuncios. Sin rastreo.
frame-language = Idioma
frame-app-unnamed = esta app
frame-next-stop = Siguiente parada: { $application }
frame-title = { $page } · Firstbell
frame-title-problem = Problema: { $page } · Firstbell
frame-back-to-apps = Volver a tus apps
frame-date = { $day } de { $month } de { $year }

banner-label = Estás aquí como otra persona
banner-as = Estás aquí como
banner-own = Tu propio nombre:
banner-left = { $count ->
    [one] Queda { $count } minuto
   *[other] Quedan { $count } minutos
}
banner-stop = Parar

month-1 = enero
month-2 = febrero
month-3 = marzo
month-4 = abril
month-5 = mayo
month-6 = junio
month-7 = julio
month-8 = agosto
month-9 = septiembre
month-10 = octubre
month-11 = noviembre
month-12 = diciembre
