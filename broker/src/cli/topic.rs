//! `ringlog topic`.

use std::io::Write;

use serde_json::json;

use super::arguments::{
    ListFormat, Topic, TopicAlter, TopicCreate, TopicDelete, TopicDescribe, TopicList,
};
use super::error::CliError;
use super::output::{out, say};
use super::table::Table;
use crate::client::{Client, ClientError, NewTopic, TopicSetting};
use crate::protocol::ErrorCode;

pub(super) fn run(command: Topic) -> Result<(), CliError> {
    match command {
        Topic::Create(arguments) => create(arguments),
        Topic::List(arguments) => list(&arguments),
        Topic::Describe(arguments) => describe(&arguments),
        Topic::Alter(arguments) => alter(arguments),
        Topic::Delete(arguments) => delete(&arguments),
    }
}

fn create(arguments: TopicCreate) -> Result<(), CliError> {
    let mut client = Client::connect(arguments.connect.options())?;
    let new = NewTopic {
        name: arguments.name,
        partitions: arguments.partitions,
        replicas: arguments.replication_factor,
        settings: arguments.set,
    };
    match client.create_topic(&new, arguments.dry_run) {
        Err(error)
            if arguments.if_not_exists && error.code() == Some(ErrorCode::TopicAlreadyExists) =>
        {
            say(format_args!("topic {} is there already", new.name))
        }
        Err(error) => Err(error.into()),
        Ok(()) if arguments.dry_run => say(format_args!("topic {} can be created", new.name)),
        Ok(()) => say(format_args!("topic {} created", new.name)),
    }
}

fn list(arguments: &TopicList) -> Result<(), CliError> {
    let mut client = Client::connect(arguments.connect.options())?;
    let mut topics = client.topics(None)?;
    topics.retain(|topic| arguments.internal || !topic.internal);
    let mut out = out();
    match arguments.listing.format {
        ListFormat::Table => {
            let mut table = Table::new(&["TOPIC", "PARTITIONS", "REPLICAS"]);
            for topic in &topics {
                let replicas = topic.partitions.first().map_or(0, |p| p.replicas.len());
                table.row([
                    topic.name.clone(),
                    topic.partitions.len().to_string(),
                    replicas.to_string(),
                ]);
            }
            table.write(&mut out)?;
        }
        ListFormat::Json => {
            let topics = topics.iter().map(|topic| {
                json!({
                    "name": topic.name,
                    "id": topic.id.to_string(),
                    "internal": topic.internal,
                    "partitions": topic.partitions.len(),
                })
            });
            writeln!(out, "{:#}", serde_json::Value::from_iter(topics))?;
        }
    }
    Ok(out.flush()?)
}

fn describe(arguments: &TopicDescribe) -> Result<(), CliError> {
    let mut client = Client::connect(arguments.connect.options())?;
    let topics = client.topics(Some(&arguments.names))?;
    let mut out = out();
    let mut objects = Vec::new();
    for (at, topic) in topics.iter().enumerate() {
        let mut settings = client.topic_settings(&topic.name)?;
        settings.retain(|setting| arguments.all || setting.own);
        let led: Vec<(String, i32)> = topic
            .partitions
            .iter()
            .filter(|partition| partition.leader >= 0)
            .map(|partition| (topic.name.clone(), partition.index))
            .collect();
        let starts = client.list_offsets(&led, -2, false)?;
        let ends = client.list_offsets(&led, -1, false)?;
        let offset = |offsets: &std::collections::BTreeMap<(String, i32), i64>, partition: i32| {
            offsets.get(&(topic.name.clone(), partition)).copied()
        };
        if arguments.listing.format == ListFormat::Json {
            let partitions = topic.partitions.iter().map(|partition| {
                json!({
                    "partition": partition.index,
                    "leader": partition.leader,
                    "leader_epoch": partition.leader_epoch,
                    "replicas": partition.replicas,
                    "in_sync": partition.in_sync,
                    "start_offset": offset(&starts, partition.index),
                    "end_offset": offset(&ends, partition.index),
                })
            });
            let settings =
                settings.iter().map(|setting| (setting.name.clone(), json!(setting.value)));
            objects.push(json!({
                "name": topic.name,
                "id": topic.id.to_string(),
                "internal": topic.internal,
                "partitions": serde_json::Value::from_iter(partitions),
                "settings": settings.collect::<serde_json::Map<_, _>>(),
            }));
            continue;
        }
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{} (id {})", topic.name, topic.id)?;
        for TopicSetting { name, value, .. } in &settings {
            writeln!(out, "  {name}={}", value.as_deref().unwrap_or("[hidden]"))?;
        }
        let mut table = Table::new(&["PARTITION", "LEADER", "REPLICAS", "IN-SYNC", "START", "END"]);
        let shown = |offset: Option<i64>| offset.map_or("-".to_owned(), |o| o.to_string());
        for partition in &topic.partitions {
            table.row([
                partition.index.to_string(),
                if partition.leader < 0 { "none".to_owned() } else { partition.leader.to_string() },
                numbers(&partition.replicas),
                numbers(&partition.in_sync),
                shown(offset(&starts, partition.index)),
                shown(offset(&ends, partition.index)),
            ]);
        }
        table.write(&mut out)?;
    }
    if arguments.listing.format == ListFormat::Json {
        writeln!(out, "{:#}", serde_json::Value::from(objects))?;
    }
    Ok(out.flush()?)
}

fn alter(arguments: TopicAlter) -> Result<(), CliError> {
    let mut client = Client::connect(arguments.connect.options())?;
    let set = arguments.set.into_iter().map(|(name, value)| (name, Some(value)));
    let changes: Vec<_> = set.chain(arguments.unset.into_iter().map(|name| (name, None))).collect();
    if !changes.is_empty() {
        client.alter_topic(&arguments.name, &changes)?;
    }
    if let Some(count) = arguments.partitions {
        client.create_partitions(&arguments.name, count)?;
    }
    say(format_args!("topic {} changed", arguments.name))
}

fn delete(arguments: &TopicDelete) -> Result<(), CliError> {
    let mut client = Client::connect(arguments.connect.options())?;
    for name in &arguments.names {
        match client.delete_topic(name) {
            Err(ClientError::NoTopic(_)) if arguments.if_exists => {
                say(format_args!("there is no topic {name}"))?;
            }
            done => {
                done?;
                say(format_args!("topic {name} deleted"))?;
            }
        }
    }
    Ok(())
}

fn numbers(numbers: &[i32]) -> String {
    numbers.iter().map(i32::to_string).collect::<Vec<_>>().join(",")
}
