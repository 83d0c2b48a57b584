/** The contract as one self-contained HTML page: no script, nothing loaded from elsewhere. */
export function docsPage(): string {
  return '';
}
