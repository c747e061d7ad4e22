### What stands around every page: header, footer, and words that several pages share.

product = Firstbell
frame-skip = Skip to the page
frame-promise = One login for school. No ads. No tracking.
frame-language = Language
frame-app-unnamed = this app
frame-next-stop = Next stop: { $application }
frame-title = { $page } · Firstbell
frame-title-problem = Problem: { $page } · Firstbell
frame-back-to-apps = Back to your apps
frame-date = { $month } { $day }, { $year }

banner-label = You are here as somebody else
banner-as = You are here as
banner-own = Your own name:
banner-left = { $count ->
    [one] { $count } minute left
   *[other] { $count } minutes left
}
banner-stop = Stop

month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
