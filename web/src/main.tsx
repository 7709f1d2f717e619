import { createRoot } from "react-dom/client";
import "./styles/tokens.css";
import "./styles/base.css";
import "./ui/css/button.css";
import "./ui/css/field.css";
import "./ui/css/popover.css";
import "./ui/css/dialog.css";
import "./ui/css/state.css";
import "./ui/css/page.css";
import "./ui/css/table.css";
import "./ui/css/file.css";
import { App, begin } from "./app";
import { language, loadWords } from "./i18n";
import { BASE } from "./lib/router";

const draw = () => createRoot(document.getElementById("app") as HTMLElement).render(<App />);

begin(location.pathname.slice(BASE.length).split("/")[0] ?? "");
// Words that do not come are English ones.
loadWords(language()).then(draw, draw);
