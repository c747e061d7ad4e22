### La página de quien administra un distrito y abre el portal como otra persona. Para personal.

open-as-heading = Abrir como otra persona
open-as-lead = Mira las apps que ve un estudiante, un docente o alguien del personal, para poder ayudar.
open-as-label = Nombre de la persona
open-as-hint = Escribe una parte del nombre. Por ejemplo: Gómez
open-as-search = Buscar
open-as-results = { $count ->
    [one] Encontramos { $count } persona.
   *[other] Encontramos { $count } personas.
}
open-as-more = Hay más. Escribe más del nombre.
open-as-nothing-heading = No encontramos a nadie con “{ $query }”
open-as-nothing-check = Revisa cómo está escrito o prueba solo con el apellido.
open-as-nothing-admins = Quienes administran no están en esta lista. Nadie puede abrir como ellos.
open-as-change = Elegir a otra persona
open-as-point-time = Tienes 15 minutos como máximo. “Parar” lo termina en cualquier momento.
open-as-point-log = El registro de tu distrito guarda tu nombre, esta persona, tu motivo y la hora.
open-as-point-quiet = No avisamos a esta persona.
open-as-point-apps = Una app puede creer que esta persona hace lo que haces tú. Mira y no cambies nada.
open-as-reason = ¿Por qué lo necesitas?
open-as-reason-hint = De 10 a 200 caracteres. Por ejemplo: Le falta su app de lectura.
open-as-submit = Abrir como { $name }
open-as-problem-short = Escribe un motivo de al menos 10 caracteres.
open-as-problem-long = Escribe un motivo de 200 caracteres como máximo.
