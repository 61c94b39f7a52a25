import { CollectionNotFound, ResourceNotFound } from './catalogue.js';

/**
 * The one 404 of a method, whatever of the path is missing, foreign or no identifier (docs/api.md, section 6): problem
 * 1 for PUT and DELETE, problem 2 for the others.
 */
export function notFound(method: string): CollectionNotFound | ResourceNotFound {
  return method === 'PUT' || method === 'DELETE' ? new ResourceNotFound() : new CollectionNotFound();
}
