/** Every entity of the service, one a table: what the drift check compares the migrated schema with. */
export const entities = [];
