#include "tools/graph/tools.h"

namespace yard::tools {
namespace {

// An object schema of `world` and `members`, each behind a comma.
std::string arguments_of(std::string_view members, std::string_view required = "") {
  return R"({"type": "object", "properties": {"world": {"type": "string", "minLength": 1, "maxLength": 64,
    "description": "The world's name"})" +
         std::string(members) + R"(}, "required": ["world")" + std::string(required) +
         R"(], "additionalProperties": false})";
}

constexpr std::string_view kGraph = R"(,
  "graph": {"type": ["object", "string"], "description": "The document: nodes, connections, options; see engine/graph/FORMAT.md"},
  "content_hash": {"type": "string", "maxLength": 128, "description": "Instead: the stored content that is the document"})";
constexpr std::string_view kPort = R"(,
  "node": {"type": "string", "maxLength": 256, "description": "A source's id"},
  "port": {"type": "string", "maxLength": 256, "description": "Of its outputs; only where it has several"},
  "handle": {"type": "integer", "minimum": 0, "description": "Instead: the port's handle in the schema"})";
constexpr std::string_view kOutputs = R"(,
  "outputs": {"type": "array", "maxItems": 1024, "items": {"type": "string", "maxLength": 520},
              "description": "Outputs to tell about, node or node:port"})";
constexpr std::string_view kUntilAnswered = R"(,
  "until_answered": {"type": "boolean", "default": false,
                     "description": "Answer when no call of a tool is open any more, instead of when the world is at rest"})";

constexpr std::string_view kStepResult = R"json({
  "type": "object",
  "properties": {
    "world": {"type": "string"},
    "event_id": {"type": "integer", "description": "Of the next step"},
    "now_ms": {"type": "number", "description": "Logical time"},
    "epoch": {"type": "integer", "description": "Counts the world's graphs"},
    "open_calls": {"type": "integer", "description": "Of tools, that wait for their receipts"},
    "effects": {"type": "array", "description": "What left the graph, 256 at most"},
    "effects_left_out": {"type": "integer"},
    "values": {"type": "object", "description": "Of the outputs that were asked for; a fault is {fault, text}"}
  },
  "required": ["world", "event_id", "now_ms", "epoch", "open_calls"]
})json";

constexpr std::string_view kAnyResult =
    R"({"type": "object", "properties": {"world": {"type": "string"}}, "required": ["world"]})";

// What a tool of a world says of itself beyond its name.
struct WorldTool {
  std::string name;
  std::string title;
  std::string description;
  std::string arguments;
  std::string_view result = kStepResult;
  bool read_only = false;
  bool idempotent = false;
  bool destructive = false;
  bool streams = false;
  TimeoutClass timeout_class = TimeoutClass::kShort;
  jobs::Grade grade = jobs::Grade::kBuffered;
};

Status add(Registry& registry, WorldTool tool) {
  return registry.add({.name = std::move(tool.name),
                       .title = std::move(tool.title),
                       .description = std::move(tool.description),
                       .arguments = std::move(tool.arguments),
                       .result = std::string(tool.result),
                       .kind = ToolKind::kJob,
                       .timeout_class = tool.timeout_class,
                       .streams = tool.streams,
                       .read_only = tool.read_only,
                       .idempotent = tool.idempotent,
                       .destructive = tool.destructive,
                       .grade = tool.grade,
                       .handler = HostedHandler{}});
}

Status add_lifecycle(Registry& registry) {
  YARD_TRY_STATUS(
      add(registry,
          {.name = "graph_load",
           .title = "Load a graph",
           .description = "Makes a world of a graph and runs it until it is at rest. It lives in the broker, keeps a "
                          "journal, survives restarts, and its nodes of kind Call call tools. Without a graph it takes "
                          "up a world that was unloaded. Everything that is wrong with a graph is told at once.",
           .arguments = arguments_of(std::string(kGraph) + R"(,
  "journal": {"type": "string", "enum": ["causes", "full"], "default": "causes", "description": "full: what followed from each cause, too"},
  "mode": {"type": "string", "enum": ["push", "pull"], "description": "Instead of what the document says; pull runs only what somebody wants"},
  "clock": {"type": "string", "enum": ["manual", "real"], "default": "manual",
            "description": "real: logical time goes on as the broker's does; manual: by graph_step"},
  "synced": {"type": "boolean", "default": true, "description": "What is answered survives a loss of power; else only the process"})")}));
  YARD_TRY_STATUS(
      add(registry,
          {.name = "graph_reload",
           .title = "Replace a world's graph",
           .description = "Gives a world another graph, between two steps. Nodes with the same id and kind keep their "
                          "state. If anything is wrong with the graph, all of it is told and the old one goes on.",
           .arguments = arguments_of(std::string(kGraph) + R"(,
  "force": {"type": "boolean", "default": false, "description": "Even while calls wait for their receipts"})"),
           .idempotent = true}));
  return add(registry, {.name = "graph_unload",
                        .title = "Unload a world",
                        .description = "Stops a world, whatever it is doing. Its journal is kept, and graph_load "
                                       "takes it up again, unless it is to be deleted.",
                        .arguments = arguments_of(R"(,
  "delete": {"type": "boolean", "default": false, "description": "Delete its journal, too"},
  "force": {"type": "boolean", "default": false, "description": "Even while calls wait for their receipts"})"),
                        .result = kAnyResult,
                        .destructive = true});
}

Status add_changes(Registry& registry) {
  YARD_TRY_STATUS(add(registry, {.name = "graph_set",
                                 .title = "Set a value",
                                 .description = "Sets a source of a world and runs it until it is at rest. Answered "
                                                "when it is in the world's journal.",
                                 .arguments = arguments_of(std::string(kPort) + R"(,
  "value": {"description": "Of the port's type"})" + std::string(kOutputs) +
                                                               std::string(kUntilAnswered),
                                                           R"(, "value")"),
                                 .idempotent = true}));
  YARD_TRY_STATUS(add(registry, {.name = "graph_emit",
                                 .title = "Emit an event",
                                 .description = "Lets an event, or several at once, happen at a source of a world, "
                                                "and runs it until it is at rest.",
                                 .arguments = arguments_of(std::string(kPort) + R"(,
  "value": {"description": "Of the port's type"},
  "values": {"type": "array", "minItems": 1, "maxItems": 65536, "description": "Instead: several events"})" +
                                                           std::string(kOutputs) + std::string(kUntilAnswered))}));
  return add(registry, {.name = "graph_step",
                        .title = "Step a world",
                        .description = "Lets causes happen at once, all or none, runs the world until it is at rest, "
                                       "then lets logical time go on. Tells what left the graph.",
                        .arguments = arguments_of(R"(,
  "causes": {"type": "array", "maxItems": 4096, "items": {"type": "object"},
             "description": "{type: set, node, value} or {type: emit, node, value}"},
  "advance_ms": {"type": "number", "minimum": 0, "maximum": 1000000000000})" +
                                                  std::string(kOutputs) + std::string(kUntilAnswered))});
}

Status add_optimize(Registry& registry) {
  return add(registry, {.name = "graph_optimize",
                        .title = "Compile a world's graph",
                        .description = "fast: has the world's graph compiled by the system's C++ compiler and run as "
                                       "that, between two steps; managed: takes it back. Values, effects and journal "
                                       "are the same to the bit. A reload and a restart take it back, too.",
                        .arguments = arguments_of(R"(,
  "mode": {"type": "string", "enum": ["fast", "managed"]})",
                                                  R"(, "mode")"),
                        .result = kAnyResult,
                        .idempotent = true,
                        .timeout_class = TimeoutClass::kMedium,
                        .grade = jobs::Grade::kVolatile});
}

Status add_looks(Registry& registry) {
  YARD_TRY_STATUS(add(registry, {.name = "graph_snapshot",
                                 .title = "Snapshot of a world",
                                 .description = "Returns the values of a world's outputs, all or some, and a hash of "
                                                "its state. What nothing keeps up to date is run first.",
                                 .arguments = arguments_of(kOutputs),
                                 .result = kAnyResult,
                                 .read_only = true,
                                 .idempotent = true,
                                 .grade = jobs::Grade::kVolatile}));
  YARD_TRY_STATUS(add(registry, {.name = "graph_schema",
                                 .title = "Schema of a world",
                                 .description = "Returns a world's nodes and ports, with handles, types and classes.",
                                 .arguments = arguments_of(""),
                                 .result = kAnyResult,
                                 .read_only = true,
                                 .idempotent = true,
                                 .grade = jobs::Grade::kVolatile}));
  YARD_TRY_STATUS(add(
      registry,
      {.name = "graph_subscribe",
       .title = "Follow a world",
       .description = "A job that goes on until it is cancelled; its stream has a line of JSON for the schema, the "
                      "snapshot, each delta, effect, call and breach. Deltas folded over the snapshot are the world.",
       .arguments = arguments_of(std::string(kOutputs) + R"(,
  "rate_hz": {"type": "number", "minimum": 0, "maximum": 1000, "default": 60, "description": "Deltas a second at most; 0: one for every wave"},
  "batch_max": {"type": "integer", "minimum": 1, "maximum": 65536, "default": 512, "description": "Outputs in a delta; the others come with the next"})"),
       .result = kAnyResult,
       .read_only = true,
       .streams = true,
       .timeout_class = TimeoutClass::kLong,
       .grade = jobs::Grade::kVolatile}));
  YARD_TRY_STATUS(add(registry, {.name = "graph_journal",
                                 .title = "Records of a world's journal",
                                 .description = "Returns records from a number on: causes, and what was witnessed.",
                                 .arguments = arguments_of(R"(,
  "from": {"type": "integer", "minimum": 1, "default": 1},
  "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100})"),
                                 .result = kAnyResult,
                                 .read_only = true,
                                 .idempotent = true,
                                 .timeout_class = TimeoutClass::kMedium,
                                 .grade = jobs::Grade::kVolatile}));
  return add(registry, {.name = "graph_replay",
                        .title = "Replay a world's journal",
                        .description = "Makes the world again from its journal, compares every witness, and returns "
                                       "its values and the hash of its state, or the first difference.",
                        .arguments = arguments_of(R"(,
  "to": {"type": "integer", "minimum": 1, "description": "The last record to take: as the world was then"},
  "verify": {"type": "boolean", "default": true},
  "values": {"type": "boolean", "default": true, "description": "Return the outputs, too"})"),
                        .result = kAnyResult,
                        .read_only = true,
                        .idempotent = true,
                        .timeout_class = TimeoutClass::kMedium,
                        .grade = jobs::Grade::kVolatile});
}

}  // namespace

Status add_graph_tools(Registry& registry, const Worlds& worlds, const Artifacts& artifacts) {
  YARD_TRY_STATUS(add_lifecycle(registry));
  YARD_TRY_STATUS(add_changes(registry));
  YARD_TRY_STATUS(add_optimize(registry));
  YARD_TRY_STATUS(add_looks(registry));
  return add_graph_queries(registry, worlds, artifacts);
}

}  // namespace yard::tools
