/** idb.js is the package's own build, unchanged: so are its types. */
export * from 'idb';
