/**
 * An application of Nest on Fastify with nothing in it: how long it takes to start, and the CPU time, tell how fast the
 * machine is at what the service does too.
 */
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';

class EmptyModule {}
Module({})(EmptyModule);

const app = await NestFactory.create(EmptyModule, new FastifyAdapter(), { logger: false });
await app.listen(0, '127.0.0.1');
process.stdout.write(`${JSON.stringify({ url: await app.getUrl(), msg: 'Listening.' })}\n`);
process.on('SIGTERM', () => void app.close());
