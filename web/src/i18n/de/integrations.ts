export const integrations = {
	"integrations.configure": "Einstellen",
	"integration.state.inactive": "Wartet auf den Hersteller",
	"integration.state.pending": "Begonnen",
	"integration.state.active": "Verbunden",
	"integration.state.disabled": "Getrennt",
	"integration.state.error": "Fehler",
};
