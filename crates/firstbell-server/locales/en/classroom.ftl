### Pages of a teacher who connects an application with her own classes. For staff.

classroom-heading = Share classes with { $application }?
classroom-person = You are logged in as { $person }.
classroom-gets = What { $application } gets
classroom-gets-you = About you: your name and your email.
classroom-gets-classes = About the classes that you choose: the name of the class.
classroom-gets-students = About the students in them: first name, first letter of the last name, and grade.
classroom-gets-ids = An ID for you, each class and each student, so that the app can tell them apart.
classroom-gets-no-more = Nothing else.
classroom-choose = Which classes do you want to share?
classroom-students = { $count ->
    [one] { $count } student
   *[other] { $count } students
}
classroom-then = The students in these classes can then log in to { $application } too. You can stop at any time: look for “Apps I connected” on the page with your apps.
classroom-share = Share these classes
classroom-not-now = Not now
classroom-problem-nothing = Choose at least one class. Or press “Not now”.
classroom-none-heading = You have no classes here yet
classroom-none-what = So there is nothing that you could share with { $application }.
classroom-none-next = Your school office can add your classes to the list. Then try again.
classroom-none-back = Go back

classroom-apps-heading = Apps I connected
classroom-apps-lead = You share these classes with these apps.
classroom-apps-empty = You do not share a class with any app.
classroom-apps-empty-next = Log in to an app that is made for classes. It asks you which ones to share.
classroom-since = Shared since { $date }
classroom-stop = Stop sharing with { $application }
classroom-stop-heading = When you stop
classroom-stop-log-in = You and your students can’t log in to the app through Firstbell any more. If your district has turned on the app too, it stays on.
classroom-stop-data = The app gets nothing new. It can keep what it has: ask its makers to delete that.
classroom-stop-again = You can share again later.
