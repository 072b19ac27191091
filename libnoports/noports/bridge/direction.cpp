// SPDX-License-Identifier: BSD-3-Clause
#include "noports/bridge/direction.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace noports::bridge {
namespace {

bool is_socket(int fd) noexcept {
  struct stat about {};
  return ::fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode);
}

// Errors that are the other machine's doing or the network's, not the system's.
bool is_break(int error) noexcept {
  switch (error) {
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ETIMEDOUT:
    case EHOSTUNREACH:
    case ENETUNREACH:
      return true;
    default:
      return false;
  }
}

}  // namespace

Direction::Direction(int from, int to, std::unique_ptr<Codec> codec, std::string prefix,
                     std::size_t allowance)
    : codec_(std::move(codec)),
      prefix_(std::move(prefix)),
      allowance_(allowance),
      from_(from),
      to_(to),
      to_is_socket_(is_socket(to)) {}

std::size_t Direction::limit() const noexcept {
  if (!codec_) return kChunk;
  return codec_->head() + std::min(codec_->most(), kChunk - codec_->head() - codec_->tail());
}

bool Direction::turn(ChunkPool& pool) {
  // A read that fills the chunk ends the turn. After a shorter one, a second read finds out whether
  // that was all: an end of stream may stand right behind it, and no other event would tell.
  constexpr int kReads = 2;
  int reads = 0;
  while (state_ == State::open && flush()) {
    if (transform()) continue;
    if (source_ended_) {
      end_of_source(pool);
    } else if (reads >= kReads || !fill(pool)) {
      break;
    } else {
      reads += end_ == limit() ? kReads : 1;
    }
  }
  const bool holds_bytes = !unsent_.empty() || begin_ != end_;
  if (state_ != State::open || !holds_bytes) pool.give(std::move(chunk_));
  return state_ == State::open && reads >= kReads && unsent_.empty();
}

bool Direction::flush() {
  while (!unsent_.empty()) {
    if (!writable_ || allowance_ == 0) return false;
    const auto most = std::min(unsent_.size(), allowance_);
    const auto n = to_is_socket_ ? ::send(to_, unsent_.data(), most, MSG_NOSIGNAL)
                                 : ::write(to_, unsent_.data(), most);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) {
        writable_ = false;
      } else {
        sink_broke_ = errno != EPIPE;
        state_ = is_break(errno) ? State::unread : State::failed;
      }
      return false;
    }
    const auto sent = static_cast<std::size_t>(n);
    written_ += sent;
    if (allowance_ != kUnlimited) allowance_ -= sent;
    unsent_ = unsent_.subspan(sent);
    // A short write to a socket has armed the next event already; pipes and terminals want to be
    // asked until they refuse.
    if (sent < most && to_is_socket_) writable_ = false;
  }
  return true;
}

bool Direction::transform() {
  if (begin_ == end_ || starved_) return false;
  const std::span<std::byte> room(chunk_.get(), kChunk);
  if (codec_) {
    accept(codec_->apply(Window{room, begin_, end_}));
    return !starved_;
  }
  unsent_ = room.subspan(begin_, end_ - begin_);
  begin_ = end_;
  return true;
}

void Direction::accept(const Step& step) {
  if (step.refused || step.consumed > end_ - begin_) {
    state_ = State::refused;
    return;
  }
  begin_ += step.consumed;
  unsent_ = step.produced;
  starved_ = step.consumed == 0 && step.produced.empty();
  if (step.ended) {
    source_ended_ = true;
    begin_ = end_;  // what follows the authenticated end is nobody's
  }
}

bool Direction::fill(ChunkPool& pool) {
  if (prefix_.empty() && !readable_) return false;
  if (!chunk_) chunk_ = pool.take();
  const std::size_t head = codec_ ? codec_->head() : 0;
  std::memmove(chunk_.get() + head, chunk_.get() + begin_, end_ - begin_);
  end_ = head + (end_ - begin_);
  begin_ = head;
  if (end_ >= limit()) {  // a record that no chunk can hold
    state_ = State::refused;
    return false;
  }
  const auto n = read_some(std::span(chunk_.get() + end_, limit() - end_));
  end_ += n;
  if (n > 0) starved_ = false;
  return n > 0 || source_ended_;
}

std::size_t Direction::read_some(std::span<std::byte> into) {
  if (!prefix_.empty()) {
    const auto n = std::min(prefix_.size(), into.size());
    std::memcpy(into.data(), prefix_.data(), n);
    if (n == prefix_.size())
      prefix_ = std::string();  // gives the memory back
    else
      prefix_.erase(0, n);
    return n;
  }
  for (;;) {
    const auto n = ::read(from_, into.data(), into.size());
    if (n > 0) {
      heard_ = true;
      return static_cast<std::size_t>(n);
    }
    if (n < 0 && errno == EINTR) continue;
    if (n == 0 && distrusts_end_)
      state_ = State::reset;
    else if (n == 0 || errno == EIO)
      source_ended_ = true;  // EIO: a terminal whose other end is gone
    else if (errno == EAGAIN)
      readable_ = false;
    else
      state_ = is_break(errno) ? State::reset : State::failed;
    return 0;
  }
}

void Direction::end_of_source(ChunkPool& pool) {
  if (codec_ && !tail_made_) {
    tail_made_ = true;
    if (begin_ != end_ || !codec_->at_end()) {
      state_ = State::refused;
      return;
    }
    if (!chunk_) chunk_ = pool.take();
    begin_ = end_ = codec_->head();
    accept(codec_->finish(Window{std::span(chunk_.get(), kChunk), begin_, end_}));
    return;
  }
  state_ = State::drained;
}

}  // namespace noports::bridge
