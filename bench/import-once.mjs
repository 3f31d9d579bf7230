// Prints the milliseconds that importing the file named on the command line takes in a fresh process. There are no credentials
// in the environment, so what a function fetches in INIT fails at once and is not part of the figure.
const before = performance.now();
await import(process.argv[2]);
console.log(performance.now() - before);
process.exit(0);
