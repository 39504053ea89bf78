const DOCS = document.getElementById("docs");
Redoc.init("/openapi.json", { hideLogo: true, nativeScrollbars: true }, DOCS);
