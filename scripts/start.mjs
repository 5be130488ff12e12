// npm start: from a fresh checkout to a network that learns to read digits.
process.argv.splice(2, 0, 'examples', 'mnist');
await import('./run.mjs');
