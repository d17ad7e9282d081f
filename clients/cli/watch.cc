// watch: events as they come, without gaps.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>

#include "clients/cli/commands.h"
#include "clients/cli/follow.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

constexpr const char* kExamples =
    "  switchyard watch                                    all your jobs' changes\n"
    "  switchyard watch 0123456789abcdef0123456789abcdef   one job, until it has ended\n"
    "  switchyard watch v.garden.transport l.              values and the broker's log\n"
    "  switchyard watch --json --count 10 | jq .body\n"
    "\n"
    "Begins with what the broker still has (--from 1); lost events are asked for again.\n";

struct WatchArguments {
  std::vector<std::string> streams;
  std::uint64_t from = 1;
  std::uint64_t count = 0;  // no end
};

constexpr Millis kStep = std::chrono::seconds(1);

std::string summary(const FollowedEvent& event) {
  using enum iopub::EventKind;
  const PackView body = event.view();
  switch (event.header.kind) {
    case kState:
      return std::string(body.find("state").string_or("")) + "  " + std::string(body.find("tool").string_or(""));
    case kProgress: {
      char percent[32] = {};
      std::snprintf(percent, sizeof percent, "%5.1f %%  ", body.find("percent").real_or(0));
      return percent + std::string(body.find("message").string_or(""));
    }
    case kError: {
      const PackView error = body.find("error");
      return std::string(body.find("state").string_or("")) + "  " + std::string(error.find("name").string_or("")) +
             ": " + std::string(error.find("message").string_or(""));
    }
    default: return compact(to_json(body));
  }
}

std::string line_of(const FollowedEvent& event, bool with_stream) {
  const auto ms = std::chrono::duration_cast<Millis>(event.header.time.time_since_epoch()).count();
  char seq[32] = {};
  std::snprintf(seq, sizeof seq, "%6llu", static_cast<unsigned long long>(event.header.seq));
  std::string kind(name_of(event.header.kind));
  kind.resize(std::max<std::size_t>(kind.size(), 9), ' ');
  std::string line = clock_time(ms) + seq + "  " + kind;
  if (with_stream) line += event.topic + "  ";
  if (event.header.job && !iopub::job_of_topic(event.topic)) line += to_hex(event.header.job) + "  ";
  return one_line(line + summary(event));
}

// A job's stream is only there if the job is, and says so at once rather than never.
Outcome follow_all(Follower& follower, client::Client& client, const WatchArguments& given,
                   std::set<std::string>& jobs) {
  for (const std::string& stream : given.streams) {
    std::string topic = stream;
    if (const auto id = parse_job_id(stream)) {
      YARD_TRY([[maybe_unused]] const client::Reply job, get(client.status(*id)));
      topic = iopub::job_topic(id->value());
      jobs.insert(topic);
    } else if (!stream.starts_with("t.") && !stream.starts_with("v.") && !stream.starts_with("l.") &&
               !stream.starts_with("b.")) {
      return usage_failure("\"" + one_line(stream) + "\" is no stream: a job's id, or t.…, v.…, l. or b.");
    }
    YARD_TRY_STATUS(follower.follow(topic, given.from));
  }
  return {};
}

Outcome watch(Context& context, WatchArguments given) {
  YARD_TRY(client::Client * client, context.connect());
  if (given.streams.empty()) given.streams.push_back(iopub::principal_topic(client->welcome().principal));
  Follower follower(*client);
  std::set<std::string> jobs;  // streams that will end
  if (auto followed = follow_all(follower, *client, given, jobs); !followed) return followed;
  const bool ends = jobs.size() == given.streams.size();
  for (std::uint64_t seen = 0; given.count == 0 || seen < given.count;) {
    YARD_TRY(const auto event, follower.next(kStep));
    if (!event) continue;
    ++seen;
    const bool read = print_line(context.json ? compact(to_json(*event)) : line_of(*event, given.streams.size() > 1));
    if (!read) return {};  // head(1) and its like have seen enough
    if (ends_job(*event)) jobs.erase(event->topic);
    if (ends && jobs.empty()) return {};
  }
  return {};
}

}  // namespace

void add_watch_command(CLI::App& app, Context& context) {
  CLI::App* command = add_command(app, context, "watch", "Follow events, gap-free", kExamples);
  const auto given = std::make_shared<WatchArguments>();
  command->add_option("streams", given->streams, "Job ids or streams; without any, all your jobs'");
  command->add_option("--from", given->from, "The first seq wanted; 1")->check(CLI::PositiveNumber);
  command->add_option("--count", given->count, "Stop after so many events")->check(CLI::PositiveNumber);
  command->callback([&context, given] { context.action = [&context, given] { return watch(context, *given); }; });
}

}  // namespace yard::cli
