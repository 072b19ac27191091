// SPDX-License-Identifier: BSD-3-Clause
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "common/run.hpp"
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace noports::apps {

void harden_process() {
  // Keys live in this process: nobody may read its memory, alive or dumped.
#ifdef __linux__
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::umask(077);
  std::signal(SIGPIPE, SIG_IGN);
  // Without this, the first socket could become "stderr" of a program that was started without one.
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) == -1) static_cast<void>(::open("/dev/null", O_RDWR));
  }
}

}  // namespace noports::apps
