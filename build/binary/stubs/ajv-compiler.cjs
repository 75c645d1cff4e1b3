/**
 * Stands in for fastify's default validator compiler. The agent sets its own before the first route; a route that
 * reaches this one is a mistake, and the first request in a test shows it.
 */
module.exports = () => () => {
  throw new Error('a route was declared before the validator compiler was set');
};
