/**
 * Stands in for a package that a library names but that the agent never calls: reading anything from it is a mistake,
 * and says so. See `bundle.ts` for the list.
 */
module.exports = new Proxy(
  {},
  {
    get(_, name) {
      throw new Error(`a package that is left out of the executable was asked for its ${String(name)}`);
    },
  },
);
