// Prints the milliseconds that importing the file named on the command line takes in a fresh process, by the clock and of CPU. Where there
// are no credentials in the environment, what a function fetches in INIT fails at once and is not part of the figure.
const cpu = process.cpuUsage();
const before = performance.now();
await import(process.argv[2]);
const wall = performance.now() - before;
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 }));
process.exit(0);
