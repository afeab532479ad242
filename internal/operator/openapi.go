package operator

import (
	_ "embed"
	"net/http"
)

// openAPI describes the API for other programs.
//
//go:embed openapi.json
var openAPI []byte

// serveOpenAPI is GET /api/v1/openapi.json.
func serveOpenAPI(w http.ResponseWriter, _ *http.Request, _ Principal) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(openAPI)
}
