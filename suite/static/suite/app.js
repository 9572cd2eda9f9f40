// What every page runs; each module minds one thing.
import "./shell.js";
import "./menus.js";
import "./notes.js";
import "./lists.js";
import "./forms.js";
import "./live.js";
import "./paper.js";
