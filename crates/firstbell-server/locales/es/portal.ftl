### La página con las apps de cada persona.

portal-title = Tus apps
portal-greeting = ¡Hola, { $name }!
portal-apps = Tus apps
portal-done = Ya terminé
portal-not-you = ¿No eres tú? Presiona “Ya terminé”.
portal-empty-heading = Todavía no hay apps
portal-empty-next = Pregunta a tu maestra o maestro qué apps va a usar tu clase.
portal-note-not-for-your-role = Abre su sitio web. Allí tienes que entrar por tu cuenta.
portal-switch = Cambiar de papel:
portal-classroom = Apps que conecté
portal-open-as = Abrir como otra persona

role-student = Estudiante
role-teacher = Docente
role-staff = Personal
role-district-admin = Administración del distrito

grade-infant-toddler = Bebés y primera infancia
grade-preschool = Preescolar
grade-pre-kindergarten = Prekínder
grade-transitional-kindergarten = Kínder de transición
grade-kindergarten = Kínder
grade-1 = 1.er grado
grade-2 = 2.º grado
grade-3 = 3.er grado
grade-4 = 4.º grado
grade-5 = 5.º grado
grade-6 = 6.º grado
grade-7 = 7.º grado
grade-8 = 8.º grado
grade-9 = 9.º grado
grade-10 = 10.º grado
grade-11 = 11.º grado
grade-12 = 12.º grado
grade-13 = 13.º grado
grade-post-graduate = Después del 12.º grado
