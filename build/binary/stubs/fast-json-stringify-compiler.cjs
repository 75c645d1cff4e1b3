/** Stands in for fastify's default serializer compiler; see ajv-compiler.cjs. */
module.exports = () => () => {
  throw new Error('a route was declared before the serializer compiler was set');
};
