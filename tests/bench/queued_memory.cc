#include "tests/bench/queued_memory.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "dispatch/wire/message.h"
#include "engine/base/check.h"
#include "tests/bench/durable_broker.h"
#include "tests/bench/measure.h"
#include "tests/bench/peers/program.h"

namespace yard::bench {

double measure_queued_mib(int count) {
  broker::Limits limits;
  limits.jobs_live_max = static_cast<std::size_t>(count) + 1;
  limits.drain_grace = Millis(0);
  testing::BrokerFixture broker({.limits = limits, .threads = 1});
  testing::RawSession session(broker.endpoints());
  const auto submit = [&](std::string_view tool) {
    session.send(session.call_frame(tool, kNoArguments, 0, session.fresh_id()));
  };
  const auto accepted = [&] {
    const auto message = wire::decode(session.receive());
    YARD_CHECK(message && message->header.verb == wire::Verb::kJob);
  };
  // The only thread is taken, so the others wait.
  submit("hold");
  accepted();
  const double before = resident_mib("self");
  static_cast<void>(pipelined_k(count, kJobWindow, [&] { submit("noop"); }, accepted));
  return resident_mib("self") - before;
}

double queued_mib(int count) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string command = "'" + self + "' " + kQueuedMemoryFlag + " " + std::to_string(count);
  const std::unique_ptr<FILE, int (*)(FILE*)> child(::popen(command.c_str(), "re"), &::pclose);
  double mib = 0;
  YARD_CHECK(child && std::fscanf(child.get(), "%lf", &mib) == 1);
  return mib;
}

}  // namespace yard::bench
