/** The OpenAPI 3.1 description of the whole contract. */
export function openApiDocument(): object {
  return {};
}
