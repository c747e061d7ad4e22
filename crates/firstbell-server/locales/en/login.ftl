### Pages on the way in and out. Read by children of eight: short words, one next step.

home-heading = One login for your school day
home-lead = Log in once. Then open all your school apps.
home-log-in = Log in

finder-heading = Find your school
finder-label = School, district or town
finder-hint = Type a part of the name. Like: Lincoln
finder-search = Search
finder-remembered = Your last school on this device
finder-other = Or look for a new one
finder-results = { $count ->
    [one] We found { $count }. Is it yours?
   *[other] We found { $count }. Which one is yours?
}
finder-nothing-heading = We did not find “{ $query }”
finder-nothing-check = Did you spell it right? Try just one word of the name.
finder-nothing-ask = Still no luck? Ask your teacher: “What is our school called in Firstbell?”

signin-heading = Log in
signin-title = Log in to { $district }
signin-change = Not your school?
signin-username = Username
signin-password = Password
signin-submit = Log in
signin-help = Can’t log in? Ask your teacher for help.
signin-problem-username = Type your username.
signin-problem-password = Type your password.
signin-problem-mismatch = That username and password do not go together. Try again.
signin-problem-wait-seconds = { $count ->
    [one] Let’s take a short rest. Wait { $count } second, then try again.
   *[other] Let’s take a short rest. Wait { $count } seconds, then try again.
}
signin-problem-wait-minutes = { $count ->
    [one] Let’s take a short rest. Wait { $count } minute, then try again.
   *[other] Let’s take a short rest. Wait { $count } minutes, then try again.
}

confirm-heading = Is this you?
confirm-yes = Yes, that’s me
confirm-no = No, that’s not me
confirm-hint = Not you? Press “No”. Then log in with your own name.

signed-out-heading = You are logged out
signed-out-lead = All done here. See you next time!
signed-out-apps = Is an app still open? Close it too.
signed-out-again = Log in

busy-heading = Hold on a moment
busy-what = Many people are logging in right now. It is not your fault.
busy-next-seconds = { $count ->
    [one] Count to { $count }. Then press the button.
   *[other] Count to { $count }. Then press the button.
}
busy-next-minutes = { $count ->
    [one] Wait { $count } minute. Then press the button.
   *[other] Wait { $count } minutes. Then press the button.
}
busy-retry = Try again
