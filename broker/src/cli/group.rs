//! `ringlog group`.

use std::io::Write;

use serde_json::json;

use super::arguments::{Group, GroupDelete, GroupDescribe, GroupList, ListFormat};
use super::error::CliError;
use super::output::{out, say};
use super::table::Table;
use crate::client::{Client, ClientError, GroupOffset, TopicPartition};

pub(super) fn run(command: Group) -> Result<(), CliError> {
    match command {
        Group::List(arguments) => list(&arguments),
        Group::Describe(arguments) => describe(&arguments),
        Group::Delete(arguments) => delete(&arguments),
    }
}

fn list(arguments: &GroupList) -> Result<(), CliError> {
    let mut client = Client::connect(arguments.connect.options())?;
    let groups = client.groups()?;
    let mut out = out();
    match arguments.listing.format {
        ListFormat::Table => {
            let mut table = Table::new(&["GROUP", "STATE", "TYPE", "PROTOCOL"]);
            for group in groups {
                table.row([group.id, group.state, group.kind, group.protocol_type]);
            }
            table.write(&mut out)?;
        }
        ListFormat::Json => {
            let groups = groups.iter().map(|group| {
                json!({
                    "group": group.id,
                    "state": group.state,
                    "type": group.kind,
                    "protocol": group.protocol_type,
                })
            });
            writeln!(out, "{:#}", serde_json::Value::from_iter(groups))?;
        }
    }
    Ok(out.flush()?)
}

/// A partition of a group, with all that is known of it.
struct Row {
    partition: TopicPartition,
    offset: Option<i64>,
    end: Option<i64>,
    member: Option<(String, String)>,
}

impl Row {
    fn lag(&self) -> Option<i64> {
        Some(self.end?.saturating_sub(self.offset?).max(0))
    }
}

fn describe(arguments: &GroupDescribe) -> Result<(), CliError> {
    let mut client = Client::connect(arguments.connect.options())?;
    let mut out = out();
    let mut objects = Vec::new();
    for (at, name) in arguments.names.iter().enumerate() {
        let group = client.group(name)?;
        let offsets = client.group_offsets(name)?;
        if group.state == "Dead" && offsets.is_empty() {
            let why =
                format!("there is no group {name}; `ringlog group list` shows those there are");
            return Err(CliError::Failed(why));
        }
        let rows = rows(&mut client, &group.members, &offsets)?;
        if arguments.listing.format == ListFormat::Json {
            let rows = rows.iter().map(|row| {
                json!({
                    "topic": row.partition.0,
                    "partition": row.partition.1,
                    "offset": row.offset,
                    "end_offset": row.end,
                    "lag": row.lag(),
                    "member": row.member.as_ref().map(|(id, _)| id),
                })
            });
            let members = group.members.iter().map(|member| {
                json!({"id": member.id, "client_id": member.client_id, "host": member.host})
            });
            objects.push(json!({
                "group": group.id,
                "state": group.state,
                "assignor": group.assignor,
                "coordinator": group.coordinator,
                "members": serde_json::Value::from_iter(members),
                "partitions": serde_json::Value::from_iter(rows),
            }));
            continue;
        }
        if at > 0 {
            writeln!(out)?;
        }
        let members = group.members.len();
        writeln!(
            out,
            "{name}: {}, {members} members, coordinated by broker {}",
            group.state, group.coordinator
        )?;
        let mut table =
            Table::new(&["TOPIC", "PARTITION", "OFFSET", "END", "LAG", "CLIENT", "MEMBER"]);
        let number = |number: Option<i64>| number.map_or("-".to_owned(), |n| n.to_string());
        for row in rows {
            let lag = row.lag();
            let (member, client) = row.member.unwrap_or_default();
            table.row([
                row.partition.0,
                row.partition.1.to_string(),
                number(row.offset),
                number(row.end),
                number(lag),
                if client.is_empty() { "-".to_owned() } else { client },
                if member.is_empty() { "-".to_owned() } else { member },
            ]);
        }
        table.write(&mut out)?;
    }
    if arguments.listing.format == ListFormat::Json {
        writeln!(out, "{:#}", serde_json::Value::from(objects))?;
    }
    Ok(out.flush()?)
}

/// Every partition that has an offset or a member.
fn rows(
    client: &mut Client,
    members: &[crate::client::GroupMember],
    offsets: &[GroupOffset],
) -> Result<Vec<Row>, CliError> {
    let mut owners = std::collections::BTreeMap::new();
    for member in members {
        for partition in &member.partitions {
            owners.insert(partition.clone(), (member.id.clone(), member.client_id.clone()));
        }
    }
    let committed: std::collections::BTreeMap<&TopicPartition, i64> =
        offsets.iter().map(|offset| (&offset.partition, offset.offset)).collect();
    let mut partitions: Vec<TopicPartition> = committed
        .keys()
        .map(|partition| (*partition).clone())
        .chain(owners.keys().cloned())
        .collect();
    partitions.sort();
    partitions.dedup();
    let mut rows = Vec::with_capacity(partitions.len());
    for partition in partitions {
        let end = match client.list_offsets(std::slice::from_ref(&partition), -1, false) {
            Ok(ends) => ends.get(&partition).copied(),
            // Offsets outlive the topic they are for.
            Err(ClientError::NoTopic(_)) => None,
            Err(error) => return Err(error.into()),
        };
        rows.push(Row {
            offset: committed.get(&partition).copied(),
            end,
            member: owners.get(&partition).cloned(),
            partition,
        });
    }
    Ok(rows)
}

fn delete(arguments: &GroupDelete) -> Result<(), CliError> {
    let mut client = Client::connect(arguments.connect.options())?;
    for name in &arguments.names {
        client.delete_group(name)?;
        say(format_args!("group {name} deleted"))?;
    }
    Ok(())
}
