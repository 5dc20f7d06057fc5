/** The simulation of tokens: by hand, or in a worker with frames for the screen. */
export { Flow } from "./flow";
export { Particles } from "./particles";
