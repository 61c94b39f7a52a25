import { type DynamicModule, Module } from '@nestjs/common';
import { Database } from './database.js';

/**
 * Gives every module the `Database`, and closes its pool when the application shuts down.
 *
 * A plain provider rather than `@nestjs/typeorm`: the bootstrap has to wait for, migrate and connect to the database
 * before there is an application, and repositories write their SQL themselves, so that nothing would be left for it.
 */
@Module({})
export class DatabaseModule {
  /** @param database over a data source that is initialised; the module closes it. */
  static forRoot(database: Database): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [{ provide: Database, useValue: database }],
      exports: [Database],
    };
  }
}
