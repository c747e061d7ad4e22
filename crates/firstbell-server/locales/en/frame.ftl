### What stands around every page: header, footer, and words that several pages share.

product = Firstbell
frame-skip = Skip to the page
frame-promise = One login for school. No ads. No tracking.
frame-language = Language
frame-app-unnamed = this app
frame-next-stop = Next stop: { $application }
frame-title = { $page } · Firstbell
frame-title-problem = Problem: { $page } · Firstbell
