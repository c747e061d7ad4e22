### Lo que rodea cada página: encabezado, pie y palabras que comparten varias páginas.

product = Firstbell
frame-skip = Ir a la página
frame-promise = Una sola entrada para la escuela. Sin anuncios. Sin rastreo.
frame-language = Idioma
frame-app-unnamed = esta app
frame-next-stop = Siguiente parada: { $application }
frame-title = { $page } · Firstbell
frame-title-problem = Problema: { $page } · Firstbell
