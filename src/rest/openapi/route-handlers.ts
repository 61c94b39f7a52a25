import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { type INestApplication, type Type } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { DECORATORS, type OperationObject } from '@nestjs/swagger';

/** One handler of a route, as its decorators describe it. */
export interface RouteHandler {
  readonly controller: Type;
  readonly handler: object;
  /** `AppsController.create` */
  readonly name: string;
  /** What `@ApiOperation` says, if there is one. */
  readonly operation: Partial<OperationObject> | undefined;
}

/** Every handler of a route that the application has. */
export function routeHandlers(app: INestApplication): RouteHandler[] {
  const scanner = new MetadataScanner();
  return [...app.get(ModulesContainer).values()]
    .flatMap(({ controllers }) => [...controllers.values()])
    .flatMap(({ metatype }) => {
      const controller = metatype as Type;
      const prototype = controller.prototype as Record<string, object>;
      return scanner.getAllMethodNames(prototype).flatMap((name): RouteHandler[] => {
        const handler = prototype[name];
        if (handler === undefined || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
        const operation = Reflect.getMetadata(DECORATORS.API_OPERATION, handler) as RouteHandler['operation'];
        return [{ controller, handler, name: `${controller.name}.${name}`, operation }];
      });
    });
}
