### The page of a district administrator who opens the portal as somebody else. For staff.

open-as-heading = Open as somebody else
open-as-lead = See the apps that a student, a teacher or a member of staff sees, so that you can help.
open-as-label = Name of the person
open-as-hint = Type a part of the name. Like: Gómez
open-as-search = Search
open-as-results = { $count ->
    [one] We found { $count } person.
   *[other] We found { $count } people.
}
open-as-more = There are more. Type more of the name.
open-as-nothing-heading = We found nobody for “{ $query }”
open-as-nothing-check = Check the spelling, or try only the last name.
open-as-nothing-admins = Admins are not in this list. Nobody can open as an admin.
open-as-change = Pick somebody else
open-as-point-time = You have 15 minutes at most. “Stop” ends it at any time.
open-as-point-log = Your district’s log keeps your name, this person, your reason and the time.
open-as-point-quiet = We do not tell this person.
open-as-point-apps = An app may think that this person does what you do. Look around, and change nothing.
open-as-reason = Why do you need this?
open-as-reason-hint = 10 to 200 characters. Like: Her reading app is missing.
open-as-submit = Open as { $name }
open-as-problem-short = Write a reason of at least 10 characters.
open-as-problem-long = Write a reason of at most 200 characters.
