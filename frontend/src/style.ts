import "katex/dist/katex.min.css";
import "uplot/dist/uPlot.min.css";
import "./style.css";
