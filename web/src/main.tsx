import { createRoot } from "react-dom/client";
import "./styles/tokens.css";
import "./styles/base.css";
import "./ui/ui.css";
import { App } from "./app";

createRoot(document.getElementById("app") as HTMLElement).render(<App />);
