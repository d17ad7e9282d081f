#include "tests/bench/durable_broker.h"

#include "dispatch/wire/message.h"
#include "engine/base/check.h"
#include "tests/bench/measure.h"

namespace yard::bench {

std::unique_ptr<jobs::JournalLog> open_log(const std::filesystem::path& folder) {
  auto log = jobs::JournalLog::open(folder, {});
  YARD_CHECK(log.has_value());
  return *std::move(log);
}

double jobs_k(testing::RawSession& session, std::string_view tool, int count) {
  return pipelined_k(
      count, kJobWindow,
      [&] { session.send(session.call_frame(tool, kNoArguments, kJobBudgetMs, session.fresh_id())); },
      [&] {
        const auto message = wire::decode(session.receive());
        YARD_CHECK(message && message->header.verb == wire::Verb::kResult);
      });
}

}  // namespace yard::bench
