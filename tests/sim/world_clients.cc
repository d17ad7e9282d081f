// World: clients, administrators and their network.
#include <algorithm>
#include <utility>

#include "dispatch/wire/message.h"
#include "engine/base/pack.h"
#include "engine/base/pack_json.h"
#include "tests/sim/setting.h"
#include "tests/sim/world.h"

namespace yard::sim {

using broker::Lane;
using jobs::Grade;
using wire::Verb;

namespace {

constexpr std::size_t kNetworkMax = 64;

Bytes packed_options(std::string_view grade, std::uint64_t delay_ms, const std::optional<JobId>& after,
                     bool takes_result, const std::optional<JobId>& parent, std::string_view coalesce,
                     std::string_view key) {
  Bytes bytes;
  PackWriter writer(bytes);
  PackMap map(writer);
  map.string("grade", grade);
  if (!key.empty()) map.string("concurrency_key", key);
  if (!coalesce.empty()) {
    map.string("key", coalesce).string("coalesce", coalesce);
    if (coalesce == "debounce") map.natural("debounce_ms", 500);
    return bytes;
  }
  if (parent) map.string("parent", to_hex(parent->value()));
  if (after && takes_result) {
    PackMap with = map.map("with");
    with.map("got").string("job", to_hex(after->value()));
  } else if (after) {
    PackArray parents = map.array("after");
    parents.string(to_hex(after->value()));
  } else if (delay_ms > 0) {
    map.natural("delay_ms", delay_ms);
  }
  return bytes;
}

}  // namespace

std::optional<JobId> World::any_known(std::string_view tenant) {
  if (known_.empty()) return std::nullopt;
  auto entry = known_.begin();
  std::advance(entry, static_cast<std::ptrdiff_t>(pick(known_.size())));
  return entry->second.tenant == tenant ? std::optional(entry->first) : std::nullopt;
}

void World::submit() {
  const JobId id(make_uuid(random_));
  constexpr std::array<std::string_view, 3> kGrades = {"volatile", "buffered", "synced"};
  const std::string tenant(kTenants[pick(kTenants.size())]);
  const std::optional<JobId> after = chance(4) ? any_known(tenant) : std::nullopt;
  const std::optional<JobId> parent = chance(3) ? any_known(tenant) : std::nullopt;
  constexpr std::array kCalled = {kTools[0], kTools[1], kTools[2], kTools[3], SimWorkers::kOnce, SimWorkers::kAgain};
  const std::string_view tool = kCalled[pick(kCalled.size())];
  const std::string_view key = tool == "again" && chance(2) ? (chance(2) ? "k1" : "k2") : "";
  const std::string_view grade = kGrades[pick(3)];
  constexpr std::array<std::string_view, 3> kCoalesces = {"join", "debounce", "supersede"};
  const std::string_view coalesce = chance(4) ? kCoalesces[pick(3)] : "";
  const bool takes_result = after && coalesce.empty() && chance(2);
  const std::uint64_t number = pick(3);
  const Bytes body = packed_options(grade, chance(4) ? pick(2'000) : 0, after, takes_result, parent, coalesce, key) +
                     (tool == "pure" ? pack({{"n", number}}) : kEmptyMap);
  wire::Header header{.verb = Verb::kCall, .flags = wire::kHasOptions, .priority = static_cast<std::uint8_t>(pick(4))};
  header.id = id.value();
  header.session = sessions_[tenant];
  header.budget_ms = chance(2) ? 0 : static_cast<std::uint32_t>(pick(3'000));
  header.correlation = ++correlation_;
  if (tool == "pure" && coalesce.empty()) asked_[correlation_] = number;
  const Bytes frame = wire::encode(header, tool, body);
  known_[id] = {.frame = frame, .grade = {}, .end = {}, .tenant = tenant, .takes_result = takes_result};
  ++tally_.submitted;
  send(tenant, frame);
}

// A client, now and then: something new, something again, a question, a change of mind.
void World::act() {
  for (const std::string& tenant : std::exchange(strangers_, {})) hello(tenant);
  if (known_.empty() || chance(3)) return submit();
  if (chance(8)) return submit_batch();
  if (chance(5)) {
    const SimSchedules::Request request = schedules_.act();
    return ask(request.tenant, request.verb, request.id, request.body);
  }
  auto entry = known_.begin();
  std::advance(entry, static_cast<std::ptrdiff_t>(pick(known_.size())));
  const std::string& tenant = entry->second.tenant;
  if (chance(3)) {
    Bytes again = entry->second.frame;
    // The session is another one after a restart; the request is the same.
    wire::Message message = *wire::decode(again);
    message.header.session = sessions_[tenant];
    return send(tenant, wire::encode(message.header, message.tool, message.body));
  }
  if (chance(5)) return tend_dead_letter(tenant, entry->first);
  ask(tenant, chance(4) ? Verb::kCancel : Verb::kStatus, JobId(), {{"job_id", to_hex(entry->first.value())}});
}

// Several at once: all of them, or none.
void World::submit_batch() {
  nlohmann::json calls = nlohmann::json::array();
  std::vector<JobId> ids;
  for (std::uint64_t i = 0; i < 2 + pick(3); ++i) {
    ids.emplace_back(make_uuid(random_));
    calls.push_back({{"id", to_hex(ids.back().value())}, {"tool", chance(10) ? "nothing" : "again"}});
    if (i > 0 && chance(2)) calls.back()["options"] = {{"after", {to_hex(ids.front().value())}}};
  }
  batches_.push_back(std::move(ids));
  ask(std::string(kTenants[0]), Verb::kSubmitBatch, JobId(), {{"calls", calls}, {"atomic", true}});
}

// A person looks at one, whether it is a dead letter or not.
void World::tend_dead_letter(const std::string& tenant, JobId id) {
  if (chance(2)) return ask(tenant, Verb::kDeadPurge, JobId(), {{"job_ids", {to_hex(id.value())}}});
  ask(tenant, Verb::kDeadReplay, JobId(make_uuid(random_)), {{"job_id", to_hex(id.value())}});
}

void World::ask(const std::string& tenant, Verb verb, JobId id, const nlohmann::json& body) {
  send(tenant,
       wire::encode({.verb = verb, .correlation = ++correlation_, .id = id.value(), .session = sessions_[tenant]}, "",
                    pack(body)));
}

// An administrator, whose socket is a control socket on the same machine: nothing is reordered there.
void World::administer() {
  const std::string tool(kTools[pick(kTools.size())]);
  const Verb verb = chance(6) ? Verb::kPurge : chance(2) ? Verb::kPause : Verb::kResume;
  Bytes body;
  PackWriter writer(body);
  {
    PackMap map(writer);
    PackMap target = map.map("target");
    target.string("tool", tool);
  }
  const std::string tenant(kTenants[0]);
  ++correlation_;
  if (verb == Verb::kPause) {
    pausing_[correlation_] = tool;
    ++tally_.paused;
  } else if (verb == Verb::kResume) {
    paused_.erase(tool);
    std::erase_if(pausing_, [&](const auto& entry) { return entry.second == tool; });
  }
  core_->on_frame(clock_.now(), Lane::kControl, tenant,
                  wire::encode({.verb = verb, .correlation = correlation_, .session = sessions_[tenant]}, "", body));
}

// What was acknowledged holds until it is taken back, whatever dies meanwhile.
void World::told_of_admin(std::uint64_t correlation) {
  const auto entry = pausing_.find(correlation);
  if (entry == pausing_.end()) return;
  paused_.insert(entry->second);
  pausing_.erase(entry);
}

void World::resume_everything() {
  pausing_.clear();
  paused_.clear();
  const std::string tenant(kTenants[0]);
  hello(tenant);
  for (const jobs::Target& target : std::vector<jobs::Target>(core_->admin().pauses())) {
    Bytes body;
    PackWriter writer(body);
    {
      PackMap map(writer);
      write_target(map.value("target"), target);
    }
    core_->on_frame(clock_.now(), Lane::kControl, tenant,
                    wire::encode({.verb = Verb::kResume, .session = sessions_[tenant]}, "", body));
  }
}

void World::send(const std::string& tenant, Bytes frame) {
  if (!calm_ && chance(20)) return;  // lost
  if (!calm_ && chance(20)) network_.push_back({tenant, frame});
  network_.push_back({tenant, std::move(frame)});
  if (network_.size() > kNetworkMax) network_.erase(network_.begin());
}

void World::deliver() {
  if (network_.empty()) return;
  const std::size_t at = pick(network_.size());
  auto [tenant, frame] = std::move(network_[at]);
  network_.erase(network_.begin() + static_cast<std::ptrdiff_t>(at));
  if (!calm_ && chance(50)) frame.resize(pick(frame.size() + 1));  // torn
  trace("in ", tenant, frame);
  core_->on_frame(clock_.now(), Lane::kRequests, tenant, frame);
}

void World::receive(const std::string& tenant, BytesView frame) {
  if (!calm_ && chance(25)) return;  // lost
  const auto message = wire::decode(frame);
  if (!message) return broken("a reply that is no message");
  if (message->header.verb == Verb::kWelcome) {
    sessions_[tenant] = message->header.session;
    return;
  }
  const Verb verb = message->header.verb;
  if (verb == Verb::kAck) return told_of_admin(message->header.correlation);
  if (verb == Verb::kNack && PackView(message->body).find("name").string_or("") == "no_session")
    strangers_.insert(tenant);
  if (verb != Verb::kJob && verb != Verb::kResult && verb != Verb::kData) return;
  const PackView body(message->body);
  check_answer(message->header.correlation, body);
  schedules_.told(tenant, body);
  body.find("schedules").each_element([&](PackView entry) { schedules_.told(tenant, entry); });
  if (const auto id = parse_uuid(body.find("job_id").string_or(""))) told(JobId(*id), body);
}

void World::told(JobId id, PackView record) {
  const auto entry = known_.find(id);
  if (entry == known_.end()) return;
  Known& known = entry->second;
  const auto grade = jobs::parse_grade(record.find("grade").string_or(""));
  if (!known.grade && !grade) return;  // a tombstone: what it promised to survive is not known
  if (!known.grade && grade) {
    known.grade = grade;
    ++tally_.acknowledged;
  }
  const auto state = jobs::parse_state(record.find("state").string_or(""));
  if (!state) return broken("a job in no state");
  const std::string name{name_of(*state)};
  if (!known.end.empty() && known.end != name && !may_run_again(known))
    broken("job " + to_hex(id.value()) + " had ended as " + known.end + " and is " + name);
  if (is_terminal(*state)) known.end = name;
}

}  // namespace yard::sim
