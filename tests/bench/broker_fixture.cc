#include "tests/bench/broker_fixture.h"

#include <spdlog/spdlog.h>

#include "dispatch/wire/message.h"
#include "engine/base/check.h"

namespace yard::bench {
namespace {

using tools::ToolKind;

constexpr const char* kAnything = R"({"type": "object"})";

tools::ToolSpec echo_tool() {
  return {
      .name = "bench_echo",
      .description = "Returns its text.",
      .arguments =
          R"({"type": "object", "properties": {"text": {"type": "string", "maxLength": 1024}}, "required": ["text"], "additionalProperties": false})",
      .result = kAnything,
      .kind = ToolKind::kImmediate,
      .read_only = true,
      .handler = tools::ImmediateHandler([](PackView arguments, tools::InlineContext&, PackWriter& result) -> Status {
        result.map(1);
        result.string("text");
        result.string(arguments.find("text").string_or(""));
        return {};
      })};
}

tools::ToolSpec noop_tool() {
  return {.name = "bench_noop",
          .description = "Does nothing.",
          .arguments = kAnything,
          .result = kAnything,
          .kind = ToolKind::kJob,
          .idempotent = true,
          .handler = tools::JobHandler([](PackView, jobs::JobContext&, PackWriter& result) -> Status {
            result.map(0);
            return {};
          })};
}

tools::ToolSpec stream_tool() {
  return {.name = "bench_stream",
          .description = "Publishes chunks.",
          .arguments = kAnything,
          .result = kAnything,
          .kind = ToolKind::kJob,
          .streams = true,
          .handler = tools::JobHandler([](PackView arguments, jobs::JobContext& context, PackWriter& result) -> Status {
            const Bytes chunk(static_cast<std::size_t>(arguments.find("bytes").integer_or(64)), 'x');
            const std::int64_t count = arguments.find("count").integer_or(1);
            for (std::int64_t i = 0; i < count && !context.stop().stop_requested(); ++i) context.chunk(chunk);
            result.map(0);
            return {};
          })};
}

}  // namespace

BrokerFixture::BrokerFixture() {
  spdlog::set_level(spdlog::level::err);
  for (tools::ToolSpec spec : {echo_tool(), noop_tool(), stream_tool()})
    YARD_CHECK(registry_.add(std::move(spec)).has_value());
  broker::Config config = broker::default_config();
  config.requests = config.iopub = config.control = "tcp://127.0.0.1:*";
  config.threads = 2;
  server_ = std::make_unique<broker::Server>(
      broker::ServerOptions{.config = config, .version = "bench", .stop_fd = stop_.fd()}, registry_, log_, clock_);
  auto opened = server_->open();
  YARD_CHECK(opened.has_value());
  endpoints_ = *opened;
  thread_ = std::jthread([this] { YARD_CHECK(server_->run().has_value()); });
}

BrokerFixture::~BrokerFixture() {
  stop_.signal();
  thread_.join();
}

RawSession::RawSession(const broker::Endpoints& endpoints) : socket_(context_, zmq::socket_type::dealer) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.connect(endpoints.requests);
  send(wire::encode({.verb = wire::Verb::kHello}, "", ""));
  const auto welcome = wire::decode(receive());
  YARD_CHECK(welcome && welcome->header.verb == wire::Verb::kWelcome);
  session_ = welcome->header.session;
}

Bytes RawSession::call_frame(std::string_view tool, BytesView arguments, std::uint32_t budget_ms,
                             const Uuid& id) const {
  return wire::encode(
      {.verb = wire::Verb::kCall, .correlation = 7, .id = id, .session = session_, .budget_ms = budget_ms}, tool,
      arguments);
}

void RawSession::send(BytesView frame) { YARD_CHECK(zmq_send(socket_.handle(), frame.data(), frame.size(), 0) >= 0); }

BytesView RawSession::receive() {
  YARD_CHECK(zmq_msg_recv(message_.handle(), socket_.handle(), 0) >= 0);
  return {static_cast<const char*>(message_.data()), message_.size()};
}

}  // namespace yard::bench
