// SPDX-License-Identifier: BSD-3-Clause
// asio's implementation, compiled once.
#include <asio/impl/src.hpp>
#include <asio/ssl/impl/src.hpp>
