// The API's description, browsable. What is tried out goes to this desk with the token that is typed under "Authorize".
const place = document.getElementById("api");

window.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  supportedSubmitMethods: ["get", "post", "put"],
  validatorUrl: null,
});
