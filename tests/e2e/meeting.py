#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Joins connections of two ports in the order in which they come, after a line from each.

Usage: meeting.py SEEN. Says "ports A B"; appends to SEEN what it read, lines and all.
"""
import asyncio
import sys


async def carry(reader, writer, seen):
    while data := await reader.read(65536):
        seen.write(data)
        seen.flush()
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def join(one, other, seen):
    try:
        await asyncio.gather(carry(one[0], other[1], seen), carry(other[0], one[1], seen))
    except OSError:
        pass
    finally:
        for _, writer in (one, other):
            writer.close()


async def main():
    waiting = ([], [])
    tasks = set()
    with open(sys.argv[1], "ab") as seen:

        def side(own, other):
            async def accepted(reader, writer):
                seen.write(await reader.readline())
                own.append((reader, writer))
                if own and other:
                    task = asyncio.create_task(join(own.pop(0), other.pop(0), seen))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)

            return accepted

        servers = [await asyncio.start_server(side(*pair), "127.0.0.1", 0)
                   for pair in (waiting, waiting[::-1])]
        print("ports", *(server.sockets[0].getsockname()[1] for server in servers))
        await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main())
