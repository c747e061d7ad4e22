### Páginas de docentes que conectan una app con sus propias clases. Para personal.

classroom-heading = ¿Compartir clases con { $application }?
classroom-person = Entraste como { $person }.
classroom-gets = Qué recibe { $application }
classroom-gets-you = De ti: tu nombre y tu correo.
classroom-gets-classes = De las clases que elijas: el nombre de la clase.
classroom-gets-students = De sus estudiantes: el nombre, la primera letra del apellido y el grado.
classroom-gets-ids = Un ID para ti, cada clase y cada estudiante, para que la app los distinga.
classroom-gets-no-more = Nada más.
classroom-choose = ¿Qué clases quieres compartir?
classroom-students = { $count ->
    [one] { $count } estudiante
   *[other] { $count } estudiantes
}
classroom-then = Los estudiantes de estas clases también podrán entrar en { $application }. Puedes parar en cualquier momento: busca “Apps que conecté” en la página de tus apps.
classroom-share = Compartir estas clases
classroom-not-now = Ahora no
classroom-problem-nothing = Elige al menos una clase. O presiona “Ahora no”.
classroom-none-heading = Todavía no tienes clases aquí
classroom-none-what = Por eso no hay nada que puedas compartir con { $application }.
classroom-none-next = La oficina de tu escuela puede poner tus clases en la lista. Luego prueba otra vez.
classroom-none-back = Volver

classroom-apps-heading = Apps que conecté
classroom-apps-lead = Compartes estas clases con estas apps.
classroom-apps-empty = No compartes ninguna clase con ninguna app.
classroom-apps-empty-next = Entra en una app hecha para clases. Te pregunta cuáles quieres compartir.
classroom-since = Desde el { $date }
classroom-stop = Dejar de compartir con { $application }
classroom-stop-heading = Cuando dejas de compartir
classroom-stop-log-in = Tú y tus estudiantes ya no pueden entrar en la app por Firstbell. Si tu distrito también la activó, sigue activada.
classroom-stop-data = La app no recibe nada nuevo. Puede guardar lo que ya tiene: pide a quienes la hacen que lo borren.
classroom-stop-again = Puedes compartir otra vez más tarde.
