#include "dispatch/options.h"

#include <algorithm>
#include <array>

#include "engine/base/pack_pointer.h"
#include "engine/base/text.h"

namespace yard::dispatch {
namespace {

constexpr Millis kDurationMax = std::chrono::days(366);

// How long calls may put a job off where they don't say, in their own waits.
constexpr int kDebouncesUsual = 10;

struct DurationOption {
  std::string_view name;
  Millis CallOptions::* member;
};

constexpr std::array kDurations = {
    DurationOption{"delay_ms", &CallOptions::delay},
    DurationOption{"queue_ttl_ms", &CallOptions::queue_ttl},
    DurationOption{"attempt_timeout_ms", &CallOptions::attempt_timeout},
    DurationOption{"deadline_ms", &CallOptions::deadline},
    DurationOption{"result_ttl_ms", &CallOptions::result_ttl},
    DurationOption{"debounce_ms", &CallOptions::debounce},
    DurationOption{"debounce_max_ms", &CallOptions::debounce_max},
};

std::unexpected<Error> refuse(std::string_view name, std::string_view expected) {
  return fail(ErrorCode::kBadRequest, "option " + std::string(name) + ": expected " + std::string(expected));
}

Status parse_duration(CallOptions& options, const DurationOption& option, PackView value) {
  const auto count = value.integer();
  if (!count || *count < 0 || *count > kDurationMax.count())
    return refuse(option.name, "0 to 366 days in milliseconds");
  options.*option.member = Millis(*count);
  return {};
}

Status parse_after(CallOptions& options, PackView value) {
  if (value.type() != PackType::kArray || value.size() > kParentsMax)
    return refuse("after", "a list of at most 64 job ids");
  bool good = true;
  value.each_element([&](PackView element) {
    const auto id = parse_uuid(element.string_or(""));
    good = good && id.has_value();
    if (id) options.after.emplace_back(*id);
  });
  if (!good) return refuse("after", "job ids of 32 hex digits");
  return {};
}

Status parse_with(CallOptions& options, PackView value) {
  if (value.type() != PackType::kMap || value.size() > kParentsMax)
    return refuse("with", "a map of at most 64 arguments to {job, pointer}");
  bool good = true;
  value.each_pair([&](std::string_view argument, PackView source) {
    const auto job = parse_uuid(source.find("job").string_or(""));
    const std::string_view pointer = source.find("pointer").string_or("");
    good = good && job && *job && pointer.size() <= kPointerBytesMax && is_pointer(pointer);
    if (good) options.with.push_back({std::string(argument), JobId(*job), std::string(pointer)});
  });
  if (!good)
    return refuse("with", R"({"job": 32 hex digits, "pointer": a JSON pointer into its result} for each argument)");
  return {};
}

// Whose results it takes, it waits for.
Status wait_for_bound(CallOptions& options) {
  for (const jobs::Binding& binding : options.with) {
    if (std::ranges::find(options.after, binding.job) == options.after.end()) options.after.push_back(binding.job);
  }
  if (options.after.size() > kParentsMax) return refuse("with", "at most 64 jobs, those of `after` among them");
  return {};
}

Status parse_key(CallOptions& options, PackView value) {
  options.key = value.string_or("");
  if (options.key.empty() || options.key.size() > kKeyBytesMax) return refuse("key", "1 to 200 bytes of text");
  return {};
}

Status parse_coalesce(CallOptions& options, PackView value) {
  const auto coalesce = jobs::parse_coalesce(value.string_or(""));
  if (!coalesce) return refuse("coalesce", R"("join", "debounce" or "supersede")");
  options.coalesce = *coalesce;
  return {};
}

// A job that answers for several calls is nobody's child, and is put off by its own clock only.
Status check_key(PackView map, CallOptions& options) {
  const bool debounces = options.coalesce == jobs::Coalesce::kDebounce;
  if (options.key.empty() && map.find("coalesce")) return fail(ErrorCode::kBadRequest, "option coalesce needs a key");
  if (!options.key.empty() && options.parent)
    return fail(ErrorCode::kBadRequest, "options key and parent exclude each other");
  if (debounces != (options.debounce > Millis::zero()))
    return fail(ErrorCode::kBadRequest, "option debounce_ms belongs to coalesce: \"debounce\", which needs it");
  if (debounces && (options.delay > Millis::zero() || !options.after.empty()))
    return fail(ErrorCode::kBadRequest, "option debounce_ms excludes delay_ms and after");
  if (debounces && options.debounce_max == Millis::zero()) options.debounce_max = options.debounce * kDebouncesUsual;
  return {};
}

Status parse_parent(CallOptions& options, PackView value) {
  const auto id = parse_uuid(value.string_or(""));
  if (!id || !*id) return refuse("parent", "a job id of 32 hex digits");
  options.parent = JobId(*id);
  return {};
}

Status parse_policy(CallOptions& options, PackView value) {
  const std::string_view policy = value.string_or("");
  if (policy != "fail" && policy != "continue") return refuse("on_parent_failure", "\"fail\" or \"continue\"");
  options.on_parent_failure = policy == "fail" ? jobs::ParentPolicy::kFail : jobs::ParentPolicy::kContinue;
  return {};
}

Status parse_grade(CallOptions& options, PackView value) {
  options.grade = jobs::parse_grade(value.string_or(""));
  if (!options.grade) return refuse("grade", R"("volatile", "buffered" or "synced")");
  return {};
}

Status parse_concurrency_key(CallOptions& options, PackView value) {
  options.concurrency_key = value.string_or("");
  if (options.concurrency_key.empty() || options.concurrency_key.size() > kConcurrencyKeyBytesMax)
    return refuse("concurrency_key", "text of 1 to 128 bytes");
  return {};
}

Status parse_fresh(CallOptions& options, PackView value) {
  const auto fresh = value.boolean();
  if (!fresh) return refuse("fresh", "true or false");
  options.fresh = *fresh;
  return {};
}

Status parse_one(CallOptions& options, std::string_view name, PackView value) {
  for (const DurationOption& option : kDurations) {
    if (option.name == name) return parse_duration(options, option, value);
  }
  if (name == "with") return parse_with(options, value);
  if (name == "after") return parse_after(options, value);
  if (name == "key") return parse_key(options, value);
  if (name == "coalesce") return parse_coalesce(options, value);
  if (name == "parent") return parse_parent(options, value);
  if (name == "concurrency_key") return parse_concurrency_key(options, value);
  if (name == "fresh") return parse_fresh(options, value);
  if (name == "grade") return parse_grade(options, value);
  if (name == "on_parent_failure") return parse_policy(options, value);
  return fail(ErrorCode::kBadRequest, "option " + printable(name) + " is unknown");
}

}  // namespace

Result<CallOptions> parse_options(PackView map) {
  CallOptions options;
  if (!map) return options;
  if (map.type() != PackType::kMap) return fail(ErrorCode::kBadRequest, "options are a map");
  Status status;
  map.each_pair([&](std::string_view name, PackView value) {
    if (status) status = parse_one(options, name, value);
  });
  if (!status) return std::unexpected(std::move(status).error());
  YARD_TRY_STATUS(wait_for_bound(options));
  if (!options.after.empty() && options.delay > Millis::zero()) {
    return fail(ErrorCode::kBadRequest, "options after and delay_ms exclude each other");
  }
  YARD_TRY_STATUS(check_key(map, options));
  return options;
}

}  // namespace yard::dispatch
