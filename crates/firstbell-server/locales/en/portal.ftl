### The page of a person's own applications.

portal-title = Your apps
portal-greeting = Hi, { $name }!
portal-apps = Your apps
portal-done = I’m done
portal-not-you = Not you? Press “I’m done”.
portal-empty-heading = No apps here yet
portal-empty-next = Ask your teacher which apps your class will use.
portal-note-not-for-your-role = Opens its website. We can’t log you in there.
portal-switch = Switch role to
portal-classroom = Apps I connected
portal-open-as = Open as somebody else

role-student = Student
role-teacher = Teacher
role-staff = Staff
role-district-admin = District admin

grade-infant-toddler = Infant and toddler
grade-preschool = Preschool
grade-pre-kindergarten = Pre-K
grade-transitional-kindergarten = Transitional kindergarten
grade-kindergarten = Kindergarten
grade-1 = 1st grade
grade-2 = 2nd grade
grade-3 = 3rd grade
grade-4 = 4th grade
grade-5 = 5th grade
grade-6 = 6th grade
grade-7 = 7th grade
grade-8 = 8th grade
grade-9 = 9th grade
grade-10 = 10th grade
grade-11 = 11th grade
grade-12 = 12th grade
grade-13 = 13th grade
grade-post-graduate = After 12th grade
