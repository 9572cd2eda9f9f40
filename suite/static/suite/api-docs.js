// Draws the REST description; calls tried from it use the reader's own session.
const place = document.getElementById("docs");

window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  docExpansion: "none",
  requestInterceptor: (request) => {
    if (request.method !== "GET") {
      request.headers["X-CSRFToken"] = place.dataset.csrf;
      request.headers["Idempotency-Key"] ||= crypto.randomUUID();
    }
    return request;
  },
});
