import "katex/dist/katex.min.css";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import "./certificates/certificates.css";
import "./layers/layers.css";
import "./phase/phase.css";
import "./theorems/theorems.css";
import "./tokens/tokens.css";
