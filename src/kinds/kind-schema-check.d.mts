/** One breach of schemas/kind.schema.json, as ajv reports it (without messages). */
export type SchemaFault = { instancePath: string; schemaPath: string; keyword: string; params: Readonly<Record<string, unknown>>; propertyName?: string };

/** True when `data` has the form of a kind file; otherwise `errors` holds every breach until the next call. */
export const validate: { (data: unknown): boolean; errors: SchemaFault[] | null };

/** The keys that each part of a kind file may have. */
export const keys: Readonly<Record<'kind' | 'fields' | 'setters' | 'rules', readonly string[]>>;
